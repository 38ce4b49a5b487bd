/**
 * A reader of server-sent events for tests: everything received over one connection, in order.
 */
import { requireDeclared } from './contract.ts';

export interface ReceivedEvent {
  readonly id: number;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies
  readonly data: any;
}

export interface EventReader {
  readonly response: Response;
  /** Reads until an event has this status, and returns it. */
  until(status: string): Promise<ReceivedEvent>;
  /** Reads until a comment arrives. */
  untilComment(): Promise<void>;
  /** Reads to the end of the stream. */
  end(): Promise<void>;
  /** Everything read so far. */
  readonly events: ReceivedEvent[];
  readonly retries: number[];
  /** Disconnects, as a browser does when its page is closed. */
  leave(): void;
}

/** Connects; status and headers of the response are validated against the contract. */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const { status, headers: received } = response;
  requireDeclared('GET', new URL(url).pathname, { status, headers: received, body: undefined });
  const events: ReceivedEvent[] = [];
  const retries: number[] = [];
  const blocks = blocksOf(response);
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await blocks.next();
    if (done) {
      return undefined;
    }
    const fields = new Map(value.split('\n').map((line) => splitField(line)));
    if (fields.has('retry')) {
      retries.push(Number(fields.get('retry')));
    }
    if (fields.has('data')) {
      const [event = '', data = ''] = [fields.get('event'), fields.get('data')];
      events.push({ id: Number(fields.get('id')), event, data: JSON.parse(data) });
    }
    return value;
  };
  return {
    response,
    events,
    retries,
    async until(wanted) {
      for (;;) {
        const known = events.length;
        if ((await next()) === undefined) {
          throw new Error(`the stream ended before ${wanted}`);
        }
        const latest = events[known];
        if (latest?.data.status === wanted) {
          return latest;
        }
      }
    },
    async untilComment() {
      for (;;) {
        const block = await next();
        if (block === undefined) {
          throw new Error('the stream ended before a comment');
        }
        if (block.startsWith(':')) {
          return;
        }
      }
    },
    async end() {
      while ((await next()) !== undefined) {}
    },
    leave: () => leaving.abort(),
  };
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}

async function* blocksOf(response: Response): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
  return undefined;
}
