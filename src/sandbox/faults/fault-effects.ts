/**
 * What a fault does to one HTTP exchange. Works on the raw response where Koa would be too well-behaved: a hang and
 * a reset must leave nothing on the wire.
 */
import { Socket } from 'node:net';
import type { Context } from 'koa';
import type { Clock } from '../../lib/clock.ts';
import { type Reply, wrapAnswer, writeReply } from '../core/envelope.ts';
import type { ResultName } from '../core/result-codes.ts';
import { DEFAULT_TIMING, type Fault, type FaultTiming } from './faults.ts';
import { corruptReply } from './wrong-answers.ts';

/** One exchange on its way: the reply is there once the effect took place. */
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

/** When this fault strikes. */
export function getTiming(fault: Fault): FaultTiming {
  return fault.when ?? DEFAULT_TIMING[fault.kind];
}

/** Lets the fault strike. True when the exchange is over; false when it goes on, late or with another reply. */
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
      writeReply(ctx, wrapAnswer({ result: resultOf(fault), data: null }, exchange.requestId));
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

/** A TLS connection cannot be reset from here, so it is cut instead. */
function resetConnection(socket: Socket): void {
  if (Object.getPrototypeOf(socket) === Socket.prototype) {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
}
