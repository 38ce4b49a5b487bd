/**
 * A virtual user that sends the requests of a plan over one connection.
 */
import { HttpConnection } from './http-connection.ts';
import type { Request } from './requests.ts';
import type { VirtualUser } from './virtual-users.ts';

const SHOWN_CHARACTERS = 300;

export async function openHttpVirtualUser(port: number, nextRequest: () => Request): Promise<VirtualUser> {
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
