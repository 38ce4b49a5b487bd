/**
 * Script and style of the payment page, read once and named by their content, so that a browser may keep them for ever.
 */
import { readFileSync } from 'node:fs';
import { sha256 } from '../../lib/encryption.ts';

export type AssetKind = 'js' | 'css';

interface Asset {
  readonly type: 'text/javascript' | 'text/css';
  readonly content: string;
  readonly name: string;
}

const HASH_LENGTH = 12;

const ASSETS: Readonly<Record<AssetKind, Asset>> = {
  js: load('js', 'text/javascript'),
  css: load('css', 'text/css'),
};

/** Where the page finds it. */
export function assetPath(kind: AssetKind): string {
  return `/assets/${ASSETS[kind].name}`;
}

/** @returns the asset of this kind, and whether it is the version that the name asks for */
export function findAsset(name: string): Asset & { readonly isCurrent: boolean } {
  const asset = ASSETS[name.endsWith('.css') ? 'css' : 'js'];
  return { ...asset, isCurrent: asset.name === name };
}

function load(kind: AssetKind, type: Asset['type']): Asset {
  const content = readFileSync(new URL(`./browser/payment-page.${kind}`, import.meta.url), 'utf8');
  const hash = sha256(content).toString('hex').slice(0, HASH_LENGTH);
  return { type, content, name: `payment-page.${hash}.${kind}` };
}
