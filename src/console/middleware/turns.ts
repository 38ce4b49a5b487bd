/**
 * Lets an operator have a few requests in progress at one time; more wait for their turn. The console shares its connections to the
 * database with payments, and however many heavy lists somebody asks for, payments must get theirs.
 */
import { ConsoleRefusal } from '../refusals.ts';
import type { ConsoleMiddleware } from '../state.ts';

/** A person reads one page at a time; a read from the provider may take one of these for 20 seconds. */
const AT_ONE_TIME = 3;
/** More than somebody opens in tabs. */
const MAX_WAITING = 20;

interface Turns {
  running: number;
  readonly waiting: (() => void)[];
}

export function turns(): ConsoleMiddleware {
  const byOperator = new Map<string, Turns>();
  return async function turnsMiddleware(ctx, next) {
    const id = ctx.state.signedIn?.operator.id;
    if (id === undefined) {
      await next();
      return;
    }
    const own = byOperator.get(id) ?? { running: 0, waiting: [] };
    byOperator.set(id, own);
    await takeTurn(own);
    try {
      await next();
    } finally {
      passTurn(own);
      if (own.running === 0) {
        byOperator.delete(id);
      }
    }
  };
}

async function takeTurn(own: Turns): Promise<void> {
  if (own.running < AT_ONE_TIME) {
    own.running += 1;
    return;
  }
  if (own.waiting.length >= MAX_WAITING) {
    throw new ConsoleRefusal(429, 'tooMany');
  }
  await new Promise<void>((resolve) => own.waiting.push(resolve));
}

/** The next in line takes over the turn, so the number of running requests stays. */
function passTurn(own: Turns): void {
  const next = own.waiting.shift();
  if (next) {
    next();
  } else {
    own.running -= 1;
  }
}
