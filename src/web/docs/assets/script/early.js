/**
 * Runs before the page is shown: the language of the samples that the reader chose last, so that nothing jumps. Its name is
 * known to the style sheet, which shows that language only.
 */
try {
  const language = localStorage.getItem('docs-code');
  if (language) {
    document.documentElement.dataset['code'] = language;
  }
} catch {
  // The browser stores nothing for this page: the samples are shown in the shell.
}
