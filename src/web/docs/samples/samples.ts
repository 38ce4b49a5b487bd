/**
 * The samples of the API reference: each request in every language, and what the gateway responds.
 */
import type { Content, ContractTree, PlacedOperation } from '../reference/contract-tree.ts';
import { goSample } from './go.ts';
import { javaSample } from './java.ts';
import { prettyJson } from './literals.ts';
import { phpSample } from './php.ts';
import { pythonSample } from './python.ts';
import { examplesOf, requestsOf, type SampleRequest } from './request.ts';
import { shellSample } from './shell.ts';
import { typescriptSample } from './typescript.ts';

export interface Sample {
  readonly label: string;
  readonly text: string;
  readonly language: 'json' | 'text';
}

export interface RequestSample {
  readonly label: string;
  readonly codes: readonly { readonly language: string; readonly text: string }[];
}

/** In the order of the switch; the first is shown where no script runs. */
const SAMPLES: readonly (readonly [language: string, write: (request: SampleRequest) => string])[] = [
  ['sh', shellSample],
  ['ts', typescriptSample],
  ['python', pythonSample],
  ['go', goSample],
  ['java', javaSample],
  ['php', phpSample],
];

/** One sample for each example of the body, or one sample when the operation has no body. */
export function requestSamples(
  tree: ContractTree,
  operation: PlacedOperation,
  publicUrl: string,
): RequestSample[] {
  return requestsOf(tree, operation, publicUrl).map(({ label, request }) => ({
    label,
    codes: SAMPLES.map(([language, write]) => ({ language, text: write(request) })),
  }));
}

/** The examples of a request or response body. */
export function contentSamples(tree: ContractTree, content: Content | undefined): Sample[] {
  return examplesOf(tree, content).map(({ label, value }) => ({
    label,
    text: typeof value === 'string' ? value : prettyJson(value),
    language: typeof value === 'string' ? 'text' : 'json',
  }));
}
