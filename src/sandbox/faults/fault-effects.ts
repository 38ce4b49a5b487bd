/**
 * Injects a fault into one HTTP exchange. Uses the raw socket where Koa would still write a response: a hang and a
 * reset must send nothing.
 */
import { Socket } from 'node:net';
import type { Context } from 'koa';
import type { Clock } from '../../lib/clock.ts';
import { type Reply, wrapResponse, writeReply } from '../core/envelope.ts';
import type { ResultName } from '../core/result-codes.ts';
import { DEFAULT_TIMING, type Fault, type FaultTiming } from './faults.ts';
import { corruptReply } from './wrong-answers.ts';

/** One HTTP exchange in progress. `reply` is set once the operation has run. */
export interface Exchange {
  readonly ctx: Context;
  readonly requestId: string;
  readonly clock: Clock;
  readonly closing: AbortSignal;
  reply?: Reply;
}

const BAD_GATEWAY_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n';
const DEFAULT_SLOW_MS = 5_000;

/** Whether this fault is injected before or after the operation. */
export function getTiming(fault: Fault): FaultTiming {
  return fault.when ?? DEFAULT_TIMING[fault.kind];
}

/** Injects the fault. Resolves to true when the exchange has ended, to false when it continues, delayed or altered. */
export async function injectFault(fault: Fault, exchange: Exchange): Promise<boolean> {
  const { ctx } = exchange;
  switch (fault.kind) {
    case 'hang':
      ctx.respond = false;
      return true;
    case 'reset':
      ctx.respond = false;
      resetConnection(ctx.req.socket);
      return true;
    case 'slow':
      await exchange.clock.sleep(fault.delayMs ?? DEFAULT_SLOW_MS, exchange.closing);
      return false;
    case 'wrong_answer':
      if (exchange.reply) {
        exchange.reply = corruptReply(exchange.reply, fault.wrong ?? 'missing_fields');
      }
      return false;
    case 'malformed_json':
      writeMalformed(exchange);
      return true;
    case 'bad_gateway':
      ctx.status = 502;
      ctx.type = 'html';
      ctx.body = BAD_GATEWAY_PAGE;
      return true;
    default:
      writeReply(ctx, wrapResponse({ result: resultOf(fault), data: null }, exchange.requestId));
      return true;
  }
}

function resultOf(fault: Fault): ResultName {
  switch (fault.kind) {
    case 'rate_limit':
      return 'RATE_LIMIT';
    case 'maintenance':
      return 'MAINTENANCE_MODE';
    case 'refuse':
      return fault.result ?? 'SERVICE_ERROR';
    default:
      return 'INTERNAL_SERVER_ERROR';
  }
}

function writeMalformed(exchange: Exchange): void {
  const whole = JSON.stringify(exchange.reply?.body ?? { resultInfo: { code: 'SUCCESS' } });
  exchange.ctx.status = exchange.reply?.httpStatus ?? 200;
  exchange.ctx.type = 'json';
  exchange.ctx.body = whole.slice(0, Math.floor(whole.length / 2));
}

/** Node cannot reset a TLS connection, so it is closed instead. */
function resetConnection(socket: Socket): void {
  if (Object.getPrototypeOf(socket) === Socket.prototype) {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
}
