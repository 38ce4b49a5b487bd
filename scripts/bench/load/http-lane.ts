/**
 * A lane that sends a plan's requests over one connection.
 */
import { HttpConnection } from './http-connection.ts';
import type { Lane } from './lanes.ts';
import type { Request } from './requests.ts';

const SHOWN_CHARACTERS = 300;

export async function openHttpLane(port: number, nextRequest: () => Request): Promise<Lane> {
  const connection = await HttpConnection.open(port);
  return {
    run(onDone) {
      const { text, expectedStatus } = nextRequest();
      connection.send(text, (status, body) =>
        onDone(
          status === expectedStatus ? undefined : `answered ${status} ${body.slice(0, SHOWN_CHARACTERS)}`,
        ),
      );
    },
    close: () => connection.close(),
  };
}
