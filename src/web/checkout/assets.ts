/**
 * Script and style sheet of the payment page. Each is joined from the files in browser/ when this module loads, because a
 * page should need one request for each; its name contains a hash of its content, so that browsers may cache it for ever.
 */
import { readFileSync } from 'node:fs';
import { sha256Hex } from '../../lib/hash.ts';

export type AssetKind = 'js' | 'css';

interface Asset {
  readonly type: 'text/javascript' | 'text/css';
  readonly content: string;
  readonly name: string;
}

const HASH_LENGTH = 12;

/** In the order of the cascade: of two equal selectors the later wins. */
const STYLES = [
  'base',
  'header',
  'card',
  'icons',
  'code',
  'actions',
  'live',
  'notices',
  'devices',
  'widths',
  'till',
  'till-upright',
  'print',
];

/** Each module imports only those before it. Joined they are one module, so no name is declared in two of them. */
const MODULES = [
  'state',
  'device',
  'session',
  'notices',
  'connection',
  'countdown',
  'live-clock',
  'visit',
  'updates',
  'forms',
  'payment-page',
];

const ASSETS: Readonly<Record<AssetKind, Asset>> = {
  js: asset('js', 'text/javascript', joinModules(readAll('script', MODULES, 'js'))),
  css: asset('css', 'text/css', readAll('styles', STYLES, 'css').join('\n')),
};

/** The address of the current version. */
export function assetPath(kind: AssetKind): string {
  return `/assets/${ASSETS[kind].name}`;
}

/** @returns the asset of the kind that the name has, and whether the name is that of the current version */
export function findAsset(name: string): Asset & { readonly isCurrent: boolean } {
  const found = ASSETS[name.endsWith('.css') ? 'css' : 'js'];
  return { ...found, isCurrent: found.name === name };
}

function asset(kind: AssetKind, type: Asset['type'], content: string): Asset {
  const hash = sha256Hex(content).slice(0, HASH_LENGTH);
  return { type, content, name: `payment-page.${hash}.${kind}` };
}

function readAll(folder: string, names: readonly string[], extension: AssetKind): string[] {
  return names.map((name) =>
    readFileSync(new URL(`./browser/${folder}/${name}.${extension}`, import.meta.url), 'utf8'),
  );
}

/** Joins the modules into one by removing import and export, which must start a line. */
function joinModules(modules: readonly string[]): string {
  return modules
    .map((text) => text.replaceAll(/^import [^;]*;\n/gm, '').replaceAll(/^export /gm, ''))
    .join('\n');
}
