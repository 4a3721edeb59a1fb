// Keeps a notification while it is typed: at every key stroke all fields are sent, one request after the other, and the
// page says whether the desk has them. What it has not acknowledged stays in the page and is sent again. Without this
// script the button saves. The sheet of urgency is kept by the same script.
(() => {
  const form = document.querySelector('form[data-kept]');
  if (!form) return;
  const words = form.dataset, status = form.querySelector('[data-status]');
  const AGAIN = 2000, SEARCH = 400;
  let dirty = false, busy = false, stopped = false, searching = 0, asked = 0;

  function tell(said, isProblem) {
    if (status.textContent === said) return;
    status.className = isProblem ? 'problem' : 'sub';
    // A screen reader is told what is wrong, and not of each key that was kept.
    if (isProblem) status.setAttribute('role', 'alert'); else status.removeAttribute('role');
    status.textContent = said;
  }

  function body() {
    const given = new FormData(form);
    given.set('quietly', 'yes');
    return given;
  }

  async function keep() {
    if (busy || !dirty || stopped) return;
    busy = true;
    dirty = false;
    form.elements.turn.value = Number(form.elements.turn.value) + 1;
    try {
      const answer = await fetch(words.kept, { method: 'POST', body: body(), redirect: 'manual' });
      if (answer.status === 204) {
        const now = new Date();
        const two = (n) => String(n).padStart(2, '0');
        const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
        // What was typed while the desk answered is not kept yet, and is not said to be.
        tell(dirty ? words.saving : words.saved.replace('{time}', time));
        form.elements.seen.value = answer.headers.get('Tsunagu-Revision');
      } else if (answer.status === 409) {
        stopped = true;
        tell(words.late, true);
      } else {
        dirty = true;
        tell(answer.type === 'opaqueredirect' || answer.status === 403 ? words.out : words.waiting, true);
        setTimeout(keep, AGAIN);
      }
    } catch {
      dirty = true;
      tell(words.waiting, true);
      setTimeout(keep, AGAIN);
    }
    busy = false;
    if (dirty && status.className === 'sub') keep();
  }

  async function find() {
    const mine = ++asked;
    const answer = await fetch(words.find, { method: 'POST', body: new FormData(form), redirect: 'manual' });
    // A slower answer to an earlier reading is not shown over a later one.
    if (mine !== asked || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of form.querySelectorAll('[data-part]')) {
      const now = page.querySelector(`[data-part="${part.dataset.part}"]`);
      // A question that a branch opens is there already: it only comes to be seen, and nothing typed in it is lost.
      if (now && 'branch' in part.dataset) part.hidden = now.hidden;
      else if (now) part.replaceChildren(...now.childNodes);
    }
  }

  form.addEventListener('input', (event) => {
    dirty = true;
    if (status.className === 'sub') tell(words.saving);
    keep();
    if (event.target.closest('[data-search]')) {
      clearTimeout(searching);
      searching = setTimeout(() => find().catch(() => {}), SEARCH);
    }
  });
  // What a button sends is one turn more, so that the desk knows it for the newest.
  form.addEventListener('submit', () => {
    stopped = true;
    form.elements.turn.value = Number(form.elements.turn.value) + 1;
  });
  window.addEventListener('beforeunload', (event) => {
    if (dirty && !stopped) event.preventDefault();
  });
})();
