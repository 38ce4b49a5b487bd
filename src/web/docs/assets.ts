/**
 * The files that the pages load: one style sheet, the scripts, the search library, the icon.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type StaticFile, staticFile } from './static-file.ts';

const ASSETS = new URL('./assets/', import.meta.url);

/** In the order of the cascade: of two equal selectors the later wins. */
const STYLES = ['base', 'frame', 'search', 'text', 'code', 'landing', 'reference', 'wide', 'print'];

const SCRIPTS = ['early', 'docs', 'search'];

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** The files by path. @throws when one is missing */
export async function loadAssets(): Promise<Map<string, StaticFile>> {
  const read = (name: string) => readFile(new URL(name, ASSETS), 'utf8');
  const styles = await Promise.all(STYLES.map((name) => read(`styles/${name}.css`)));
  const scripts = await Promise.all(SCRIPTS.map((name) => read(`script/${name}.js`)));
  return new Map([
    ['/docs/assets/docs.css', staticFile('text/css; charset=utf-8', styles.join('\n'))],
    ...SCRIPTS.map(
      (name, index) => [`/docs/assets/${name}.js`, staticFile(JAVASCRIPT, scripts[index] ?? '')] as const,
    ),
    // Loaded only by those who search.
    ['/docs/assets/minisearch.js', staticFile(JAVASCRIPT, await readFile(searchLibrary(), 'utf8'))],
    ['/docs/assets/icon.svg', staticFile('image/svg+xml', await read('icon.svg'))],
  ]);
}

/** MiniSearch as a module for browsers, which stands beside the module that Node loads. */
function searchLibrary(): URL {
  const forNode = pathToFileURL(createRequire(import.meta.url).resolve('minisearch'));
  return new URL('../es/index.js', forNode);
}
