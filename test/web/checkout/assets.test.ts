/**
 * The payment page's script and style sheet, joined from their files: complete, and valid as one module.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { findAsset } from '../../../src/web/checkout/assets.ts';

const BROWSER = new URL('../../../src/web/checkout/browser/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, BROWSER), 'utf8');
const declared = (text: string) =>
  [...text.matchAll(/^(?:export )?(?:async )?(?:function|const|let) (\w+)/gm)].map(([, name]) => name);

it('the style sheet contains every file of its folder', () => {
  const { content } = findAsset('payment-page.css');
  for (const name of readdirSync(new URL('styles/', BROWSER))) {
    expect(content, name).toContain(read(`styles/${name}`));
  }
});

it('the script contains every module of its folder', () => {
  const { content } = findAsset('payment-page.js');
  const modules = readdirSync(new URL('script/', BROWSER)).map((name) => read(`script/${name}`));
  expect(declared(content).sort()).toEqual(modules.flatMap(declared).sort());
});

it('the script is one module: nothing imported, nothing exported, no name declared twice', () => {
  const { content } = findAsset('payment-page.js');
  expect(content).not.toMatch(/^(import|export)\b/m);
  // In a block of strict code, as in a module, a second function of the same name is an error.
  expect(() => new Script(`'use strict'; {${content}}`)).not.toThrow();
});

it('each module imports only modules that come before it', () => {
  const { content } = findAsset('payment-page.js');
  const positionOf = (name: string) => content.indexOf(read(`script/${name}`).split('*/')[0] ?? '');
  for (const name of readdirSync(new URL('script/', BROWSER))) {
    for (const [, imported = ''] of read(`script/${name}`).matchAll(/^import [^;]* from '\.\/([^']+)';/gm)) {
      expect(positionOf(imported), `${name} imports ${imported}`).toBeLessThan(positionOf(name));
    }
  }
});
