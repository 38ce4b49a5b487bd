// Shows how many rows an export has written, while the browser downloads it.
const POLL_MS = 1000;
// Until the first response there may be no export yet; after so many it is no longer waited for.
const MAX_MISSING = 10;

/** @param {HTMLFormElement} form @param {HTMLOutputElement} output */
async function followExport(form, output) {
  const name = new FormData(form).get('export');
  const { exporting = '', exported = '', failed = '', rows = '' } = form.dataset;
  output.value = exporting;
  for (let missing = 0; missing < MAX_MISSING; ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const response = await fetch(`/payments/export/progress?export=${encodeURIComponent(String(name))}`);
    if (!response.ok) {
      missing += 1;
      continue;
    }
    const progress = await response.json();
    const written = `${Number(progress.rows).toLocaleString(document.documentElement.lang)} ${rows}`;
    if (progress.state !== 'running') {
      output.value = progress.state === 'done' ? `${exported} ${written}` : failed;
      return;
    }
    output.value = `${exporting} ${written}`;
  }
  output.value = '';
}

for (const form of document.querySelectorAll('form[data-export]')) {
  const output = form.querySelector('output');
  if (form instanceof HTMLFormElement && output instanceof HTMLOutputElement) {
    form.addEventListener('submit', () => {
      // Without a response there is nothing to show; the download is not affected.
      followExport(form, output).catch(() => {
        output.value = '';
      });
    });
  }
}
