/**
 * Runs PayPay's official Node SDK, unmodified, in a process of its own, because Node reads additional certificates only
 * at start and the SDK prints to the console. Started by sdk.test.ts, which sends commands over IPC.
 */
import sdk from '@paypayopa/paypayopa-sdk-node';

interface Command {
  readonly id: number;
  readonly method: string;
  readonly args: unknown[];
}

type SdkMethod = (...args: unknown[]) => Promise<{ STATUS?: number; BODY?: unknown; ERROR?: string }>;

const [hostName = '', port = '', clientId = '', clientSecret = '', merchantId = ''] = process.argv.slice(2);

sdk.Configure({
  clientId,
  clientSecret,
  merchantId,
  conf: new sdk.Conf({ hostName, portNumber: Number(port) }),
});

process.on('message', (command: Command) => {
  const method = (sdk as unknown as Record<string, SdkMethod>)[command.method];
  void method?.(...command.args).then(({ STATUS, BODY, ERROR }) => {
    process.send?.({ id: command.id, status: STATUS, body: BODY, error: ERROR });
  });
});
process.send?.({ id: 0 });
