/**
 * A page of the API reference, and what the pages need to know beside the contract.
 */
import type { ErrorCode } from '../../../domain/errors.ts';
import type { Html } from '../../../lib/html.ts';
import type { PlacedOperation } from './contract-tree.ts';

export interface ReferenceOptions {
  /** Requests per minute; 0 when there is no limit. */
  readonly limits: { readonly global: number; readonly merchant: number };
  /** The HTTP status of an error code. */
  readonly statusOf: (code: ErrorCode) => number;
  /** The gateway's public base URL. */
  readonly publicUrl: string;
}

export interface ReferencePage {
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly content: Html;
  /** What the page describes, for the navigation. */
  readonly operations: readonly PlacedOperation[];
}
