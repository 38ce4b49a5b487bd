/**
 * Finding a port to listen on, for programs that must know it before they start.
 */
import { type AddressInfo, createServer } from 'node:net';

/**
 * A TCP port that nothing listens on at the moment; another program may still take it first.
 * @throws when `host` is not an address of this machine
 */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
