/** Finds and submits the forms of the sandbox's pages, as a browser does. */
import { expect } from 'vitest';
import { send } from './paypay-client.ts';

interface Form {
  readonly action: string;
  readonly fields: Record<string, string>;
}

/** Finds the forms of a page by the label of their button. */
export function findForms(page: string): Map<string, Form> {
  const forms = new Map<string, Form>();
  for (const [, action = '', inner = ''] of page.matchAll(
    /<form method="post" action="([^"]*)">(.*?)<\/form>/gs,
  )) {
    const inputs = inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
    const fields = Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
    const label = /<button[^>]*>(.*?)<\/button>/.exec(inner)?.[1] ?? '';
    forms.set(label, { action, fields });
  }
  return forms;
}

/** Presses a button and follows the redirect back to the page. */
export async function press(
  baseUrl: string,
  page: string,
  label: string,
  more: Record<string, string> = {},
): Promise<string> {
  const form = findForms(page).get(label);
  if (!form) {
    throw new Error(`the page has no button ${label}, only ${[...findForms(page).keys()].join(', ')}`);
  }
  const body = new URLSearchParams({ ...form.fields, ...more }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const answer = await send(`${baseUrl}${form.action}`, 'POST', body, headers);
  expect(answer.status).toBe(303);
  return (await send(`${baseUrl}${answer.headers.location}`, 'GET', '', {})).text;
}
