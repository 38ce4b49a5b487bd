/**
 * Script and style sheet of the console. Each is joined from the files in browser/ when this module loads; its name contains a hash
 * of its content, so that browsers may cache it for ever.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { sha256Hex } from '../../lib/hash.ts';

export type AssetKind = 'js' | 'css';

interface Asset {
  readonly type: 'text/javascript' | 'text/css';
  readonly content: string;
  readonly name: string;
}

const HASH_LENGTH = 12;

const ASSETS: Readonly<Record<AssetKind, Asset>> = {
  js: asset('js', 'text/javascript', readAll('script', 'js')),
  css: asset('css', 'text/css', readAll('styles', 'css')),
};

/** The address of the current version. */
export function assetPath(kind: AssetKind): string {
  return `/assets/${ASSETS[kind].name}`;
}

/** The current asset of this name; undefined for that of an earlier version. */
export function findAsset(name: string): Asset | undefined {
  return Object.values(ASSETS).find((found) => found.name === name);
}

function asset(kind: AssetKind, type: Asset['type'], content: string): Asset {
  const hash = sha256Hex(content).slice(0, HASH_LENGTH);
  return { type, content, name: `console-${hash}.${kind}` };
}

/** In the order of their names. Each script stands alone, so that they can be joined in any order. */
function readAll(folder: string, extension: AssetKind): string {
  const url = new URL(`./browser/${folder}/`, import.meta.url);
  const names = readdirSync(url).filter((name) => name.endsWith(`.${extension}`));
  const texts = names.sort().map((name) => readFileSync(new URL(name, url), 'utf8'));
  return texts.map((text) => (extension === 'js' ? `{\n${text}}\n` : text)).join('\n');
}
