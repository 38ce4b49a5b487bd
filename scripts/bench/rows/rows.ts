/**
 * All rows, in the order of the table.
 */
import type { Row } from '../row.ts';
import { create, createWithKey } from './create.ts';
import { health } from './health.ts';
import { retrieve } from './retrieve.ts';

export const ROWS: readonly Row[] = [create, createWithKey, retrieve, health];
