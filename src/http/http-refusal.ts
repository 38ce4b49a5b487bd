/**
 * Refusals of the HTTP around a request: malformed, too long, too slow or ambiguous. The contract has one code for all of
 * them, `invalid_request`; the status distinguishes them.
 */
import { DomainError } from '../domain/errors.ts';

export class HttpRefusal extends DomainError {
  readonly status: number;

  constructor(status: number, field: string, constraint: string, message: string) {
    super('invalid_request', message, { details: { field, constraint } });
    this.status = status;
  }
}

/** The refusal for an error of Node's HTTP parser or its timeouts. */
export function refusalOf(code: string | undefined): HttpRefusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpRefusal(431, 'headers', 'max_length', 'The headers of the request are too long');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpRefusal(408, 'request', 'timeout', 'The request took too long to arrive; send it again');
    default:
      return new HttpRefusal(400, 'request', 'http', 'The request is not valid HTTP');
  }
}
