// Copies the text of the button's data-copy, and says so on the button for a while.
const SHOWN_MS = 2000;
document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
  if (!(button instanceof HTMLButtonElement) || button.dataset['copy'] === undefined) {
    return;
  }
  await navigator.clipboard.writeText(button.dataset['copy']);
  const label = button.querySelector('span');
  if (!label || button.classList.contains('done')) {
    return;
  }
  const before = label.textContent;
  label.textContent = button.dataset['copied'] ?? before;
  button.classList.add('done');
  setTimeout(() => {
    label.textContent = before;
    button.classList.remove('done');
  }, SHOWN_MS);
});
