/**
 * All rows, in the order of the table.
 */
import type { Row } from '../row.ts';
import { create, createWithKey } from './create.ts';
import { health } from './health.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { payments } from './payments.ts';
import { retrieve } from './retrieve.ts';
import { createAtScale, list, listFiltered } from './scale.ts';
import { sync } from './sync.ts';
import { createWithEndpoint, paymentsWithEndpoint } from './webhooks.ts';

export const ROWS: readonly Row[] = [
  create,
  createWithKey,
  retrieve,
  health,
  payments,
  list,
  listFiltered,
  createAtScale,
  sync,
  latency,
  memory,
  createWithEndpoint,
  paymentsWithEndpoint,
];
