/**
 * The documentation in an installed package: guides, style sheet and script are included, and the compiled program finds
 * them.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Consumer, createConsumer } from '../../support/consumer.ts';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

const SCRIPT = `
  import { readFileSync } from 'node:fs';
  import { parse } from 'yaml';
  import { createDocsSite } from './node_modules/mpac-pgw/dist/src/web/docs/docs-site.js';
  const contractText = readFileSync('node_modules/mpac-pgw/openapi.yaml', 'utf8');
  const options = { contractText, contract: parse(contractText), publicUrl: '', statusOf: () => 400, limits: { global: 1, merchant: 1 } };
  const { pages, assets } = await createDocsSite(options);
  console.log([...pages.keys(), ...assets.keys()].join(' '));
`;

it('an installed package has every page in both languages, the style sheet, the scripts and the search', () => {
  consumer.write('docs.js', SCRIPT);
  const { stdout, stderr } = spawnSync('node', ['docs.js'], { cwd: consumer.folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  const folder = new URL('../../../src/web/docs/guides/', import.meta.url);
  const guides = readdirSync(folder).filter((file) => file.endsWith('.md'));
  const names = [
    '',
    '/reference',
    '/reference/errors',
    ...guides.map((file) => `/${file.replace('.md', '')}`),
  ];
  const scripts = ['early.js', 'docs.js', 'search.js', 'minisearch.js'];
  const assets = ['docs.css', 'icon.svg', 'search-en.json', 'search-ja.json', ...scripts];
  expect(stdout.trim().split(' ')).toEqual(
    expect.arrayContaining([
      ...names.map((name) => `/docs${name}`),
      ...names.map((name) => `/docs/ja${name}`),
      ...assets.map((name) => `/docs/assets/${name}`),
    ]),
  );
});
