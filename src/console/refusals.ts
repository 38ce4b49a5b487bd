/**
 * Refusals of the console itself; services refuse with a DomainError.
 */

export type RefusalKind =
  | 'otherSite'
  | 'notFound'
  | 'forbidden'
  | 'tooLarge'
  | 'tooMany'
  | 'badForm'
  | 'unavailable'
  | 'fault';

export class ConsoleRefusal extends Error {
  readonly status: number;
  readonly kind: RefusalKind;

  constructor(status: number, kind: RefusalKind) {
    super(kind);
    this.name = 'ConsoleRefusal';
    this.status = status;
    this.kind = kind;
  }
}

/** Thrown by a handler whose act needs a proof of identity that is at most five minutes old. The form is kept meanwhile. */
export class VerificationNeeded extends Error {
  constructor() {
    super('the operator must prove who they are');
    this.name = 'VerificationNeeded';
  }
}

/** Of an object outside the operator's scope, and of one that does not exist. */
export function notFound(): ConsoleRefusal {
  return new ConsoleRefusal(404, 'notFound');
}
