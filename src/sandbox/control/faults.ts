/** `/_control/faults`: lists, sets and removes API faults. */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { OPERATION_NAMES } from '../core/operation.ts';
import { isResultName } from '../core/result-codes.ts';
import { DEFAULT_TIMING, type Fault, type FaultController, type FaultKind } from '../faults/faults.ts';
import { WRONG_ANSWERS } from '../faults/wrong-answers.ts';
import {
  ControlError,
  type ControlInput,
  getInput,
  invalid,
  readChoice,
  readFrequency,
  readNumber,
  readText,
  reply,
} from './input.ts';

export const FAULT_KINDS = Object.keys(DEFAULT_TIMING) as FaultKind[];

/** Adds the routes to the control interface. */
export function addFaultRoutes(router: Router, faults: FaultController): void {
  router.get('/faults', (ctx) => reply(ctx, { faults: faults.list() }));
  router.post('/faults', (ctx) => {
    faults.add(readFault(getInput(ctx)));
    replyFaults(ctx, faults, 'The fault is set.');
  });
  router.delete('/faults', (ctx) => {
    faults.clear();
    replyFaults(ctx, faults, 'No faults are set.');
  });
  // Forms cannot send DELETE.
  router.post('/faults/clear', (ctx) => {
    faults.clear();
    replyFaults(ctx, faults, 'No faults are set.');
  });
  router.delete('/faults/:id', (ctx) => {
    if (!faults.remove(ctx.params['id'] ?? '')) {
      throw new ControlError(
        404,
        'fault_not_found',
        'No such fault is set. GET /_control/faults lists them.',
      );
    }
    replyFaults(ctx, faults, 'The fault was removed.');
  });
}

function replyFaults(ctx: Context, faults: FaultController, message: string): void {
  reply(ctx, { message, faults: faults.list() });
}

function readFault(input: ControlInput): Fault {
  const operation = readChoice(input, 'operation', [...OPERATION_NAMES, 'any']);
  const kind = readChoice(input, 'kind', FAULT_KINDS);
  if (operation === undefined || kind === undefined) {
    const kinds = FAULT_KINDS.join(', ');
    const operations = [...OPERATION_NAMES, 'any'].join(', ');
    throw new ControlError(400, 'invalid_request', `Send operation (${operations}) and kind (${kinds}).`);
  }
  const when = readChoice(input, 'when', ['before', 'after']);
  const delayMs = readNumber(input, 'delay_ms');
  const wrong = readChoice(input, 'wrong', WRONG_ANSWERS);
  const result = readText(input, 'result');
  if (result !== undefined && !isResultName(result)) {
    throw invalid('result', "the name of one of PayPay's result codes, such as ORDER_NOT_REVERSIBLE");
  }
  return {
    operation,
    kind,
    ...readFrequency(input),
    ...(when !== undefined && { when }),
    ...(delayMs !== undefined && { delayMs }),
    ...(wrong !== undefined && { wrong }),
    ...(result !== undefined && { result }),
  };
}
