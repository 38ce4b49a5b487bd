// Copies the text of the button's data-copy.
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
  if (button instanceof HTMLButtonElement && button.dataset.copy !== undefined) {
    void navigator.clipboard.writeText(button.dataset.copy);
  }
});
