// Says how many characters are left once a text comes near its limit, and how many are too many beyond it. It cuts
// nothing and holds nothing up; the desk counts again when the form is sent, with or without this script.
(() => {
  const words = document.currentScript.dataset;
  const WAIT = 600;  // a screen reader is not interrupted at each key

  for (const field of document.querySelectorAll('[data-most]')) {
    const most = Number(field.dataset.most);
    const near = Math.max(10, Math.round(most / 10));
    let line = null, waiting = 0;

    function tell() {
      // As the desk counts: a rare kanji is one, and what is empty at both ends is none.
      const left = most - [...field.value.trim()].length;
      if (!line) {
        if (left > near) return;
        line = document.createElement('p');
        line.setAttribute('aria-live', 'polite');
        field.after(line);
      }
      const said = left > near ? '' : (left < 0 ? words.over : words.left).replace('{n}', Math.abs(left));
      line.className = left < 0 ? 'problem' : 'sub';
      line.hidden = !said;
      line.textContent = said;
    }

    field.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(tell, WAIT);
    });
  }
})();
