// "/" goes to the search, as long as nobody is writing somewhere else.
document.addEventListener('keydown', (event) => {
  const isWriting = event.target instanceof Element && event.target.closest('input, textarea, select');
  // A page with a search of its own hides that of the header.
  const search = document.querySelector('.big-search input') ?? document.querySelector('.search input');
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isWriting) {
    return;
  }
  if (search instanceof HTMLInputElement) {
    event.preventDefault();
    search.select();
  }
});
