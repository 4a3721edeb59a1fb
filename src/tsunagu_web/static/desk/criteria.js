// Counts anew while a limit is typed: the page itself is asked once more with the numbers, and the parts that count are
// taken from its answer. Without this script the button does the same.
(() => {
  const form = document.querySelector('form[data-live]');
  if (!form) return;
  const WAIT = 250;
  let waiting = 0, asked = 0;

  async function count() {
    const mine = ++asked;
    const given = new URLSearchParams(new FormData(form));
    const answer = await fetch(`${form.action}?${given}`, { headers: { Accept: 'text/html' } });
    // A slower answer to an earlier number is not shown over a later one; a page to sign in is no answer.
    if (mine !== asked || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-part]')) {
      const now = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (now) part.replaceChildren(...now.childNodes);
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => count().catch(() => {}), WAIT);
  });
})();
