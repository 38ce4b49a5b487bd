/**
 * The layers and the style that matter, as tests. When the structure has to change, change it here and in CONTRIBUTING.md
 * in the same commit.
 */
import { describe, expect, it } from 'vitest';
import {
  functionsOf,
  importsOf,
  listFiles,
  readSource,
  type SourceFile,
  sourcesBelow,
} from './support/source-files.ts';

const sources = sourcesBelow('src');
const tests = sourcesBelow('test');

/** Which layer a file belongs to; the modules in src/ itself that construct are layers of their own. */
function layerOf(path: string): string {
  if (path.startsWith('generated/')) {
    return 'generated';
  }
  if (path === 'src/providers/provider.ts') {
    return 'provider-interface';
  }
  if (path === 'src/webhook-sender/sender.ts') {
    return 'sender-interface';
  }
  if (['src/deps.ts', 'src/config.ts'].includes(path)) {
    return path.slice(4, -3);
  }
  const [, second = '', third] = path.split('/');
  return third === undefined ? 'lib' : second;
}

/** Who may import whom. Everybody may import the layer it is in. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  generated: [],
  domain: ['generated'],
  lib: [],
  config: ['lib'],
  'provider-interface': ['domain'],
  'sender-interface': [],
  'webhook-sender': ['sender-interface', 'lib'],
  presenters: ['domain', 'generated'],
  store: ['domain', 'lib'],
  'embedded-postgres': ['lib'],
  providers: ['domain', 'provider-interface', 'lib'],
  services: ['domain', 'presenters', 'store', 'provider-interface', 'sender-interface', 'lib'],
  workers: ['services', 'lib'],
  web: ['domain', 'services', 'lib'],
  http: ['web', 'services', 'presenters', 'store', 'domain', 'provider-interface', 'generated', 'lib'],
  console: ['web', 'http', 'services', 'store', 'domain', 'lib'],
  sandbox: ['lib'],
  client: ['generated', 'lib'],
  deps: ['config', 'http', 'provider-interface', 'providers', 'services', 'store', 'webhook-sender', 'lib'],
  bootstrap: [
    'config',
    'console',
    'deps',
    'domain',
    'embedded-postgres',
    'generated',
    'http',
    'providers',
    'sandbox',
    'services',
    'store',
    'workers',
    'lib',
  ],
  cli: ['bootstrap', 'client', 'config', 'domain', 'services', 'store', 'lib'],
};

/** Helpers in lib that need nothing, not even Node; the domain, which must stay pure, may import them. */
const PURE_HELPERS: ReadonlySet<string> = new Set(['src/lib/backoff.ts']);

/** Packages that only some folders may know. */
const PACKAGE_HOMES: Readonly<Record<string, RegExp>> = {
  koa: /^src\/(http|console|sandbox)\//,
  '@koa/router': /^src\/(http|console|sandbox)\//,
  '@koa/cors': /^src\/http\//,
  'openapi-backend': /^src\/(http\/|bootstrap\/serving-process\.ts)/,
  'openapi-types': /^src\/web\/docs\//,
  pg: /^src\/(store|embedded-postgres)\//,
  undici: /^src\/(providers|sandbox|webhook-sender)\//,
  qrcode: /^src\/http\/presenters\//,
  'openapi-fetch': /^src\/client\//,
  commander: /^src\/cli\//,
  '@simplewebauthn/server': /^src\/console\//,
  'openid-client': /^src\/console\//,
  'iconv-lite': /^src\/(console|cli)\//,
  'prom-client': /^src\/(lib\/metrics|deps)\b/,
  pino: /^src\/lib\/log\.ts/,
};

const BANNED: readonly { readonly pattern: RegExp; readonly instead: string; readonly except: RegExp }[] = [
  {
    pattern: /process\.env\b/,
    instead: 'a field of Config',
    except: /^src\/config\.ts|^src\/web\/docs\/samples\//,
  },
  {
    pattern: /\bconsole\.\w+\(/,
    instead: 'the log, or print in a command',
    except: /^src\/web\/docs\/samples\//,
  },
  {
    pattern: /\bnew Date\(\)|\bDate\.now\(\)/,
    instead: 'the injected clock',
    except: /^src\/lib\/(clock|log)\.ts|^src\/sandbox\/(core\/random|pages\/layout)/,
  },
  {
    pattern: /(?<!\.)\bsetTimeout\(/,
    instead: 'clock.sleep',
    except: /^src\/(lib\/clock|bootstrap\/serve)\.ts/,
  },
  {
    pattern: /\bMath\.random\b/,
    instead: 'deps.random',
    except: /^src\/(deps\.ts|sandbox\/|client\/(send|events)\.ts)/,
  },
  { pattern: /\bas any\b|: any\b/, instead: 'a type', except: /^$/ },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, instead: 'an issue', except: /^$/ },
  {
    pattern: /['"`]PAYPAY['"`]|x-paypay-|X-PayPay-/,
    instead: 'the provider that was found: a wire word stays in providers/paypay',
    except: /^src\/(providers\/paypay|sandbox|client|web\/docs)\b/,
  },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: 'a type that is true', except: /^$/ },
];

/** Words of the first months; the glossary in CONTRIBUTING.md has the standard ones. */
const INVENTED_WORDS =
  /\b(settle[ds]?|settling|wish(es|ed)?|nudge[ds]?|stumble[ds]?|verdicts?|judge[ds]?|patience|throw-?away|dice)\b|\b[A-Z_]+_MOST\b|[a-z](Wish|News|Nudge|Verdict|Trouble|Patience)\b|\b(stumble|trouble|onceId|keptAnswer|keepable|decideNews|applyNews)\b/;

/** Longer than this is more than one thing. Those that are longer are named with their length, and only shrink. */
const FUNCTION_LINES = 45;
const LONGER: Readonly<Record<string, number>> = {
  'src/bootstrap/serve.ts forkAll': 52,
  'src/lib/metrics.ts createMetrics': 80,
};
const FILE_LINES = 300;
const FOLDER_FILES = 15;

describe('layers', () => {
  it('import one way only', () => {
    const faults = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target.startsWith('src/') || target.startsWith('generated/'))
        .filter(({ target }) => !PURE_HELPERS.has(target) && !mayImport(layerOf(file.path), layerOf(target)))
        .map(({ target }) => `${file.path} (${layerOf(file.path)}) imports ${target} (${layerOf(target)})`),
    );
    expect(faults).toEqual([]);
    expect(sources.filter(({ path }) => PURE_HELPERS.has(path)).flatMap(importsOf)).toEqual([]);
  });

  it('the sandbox and the PayPay client share no code, and src knows neither scripts nor tests', () => {
    const faults = sources.flatMap((file) =>
      importsOf(file)
        .filter(
          ({ target }) =>
            target.startsWith('scripts/') ||
            target.startsWith('test/') ||
            (file.path.startsWith('src/sandbox/') && target.startsWith('src/providers')),
        )
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(faults).toEqual([]);
  });

  it('have no import cycles, types counted', () => {
    const graph = new Map(sources.map((file) => [file.path, importsOf(file).map(({ target }) => target)]));
    expect(findCycle(graph)).toBeUndefined();
  });

  it('the client needs nothing of Node, and of the packages only openapi-fetch', () => {
    const faults = reachedFrom('src/client/index.ts')
      .filter((target) => !target.startsWith('src/') && target !== 'openapi-fetch')
      .map((target) => `src/client reaches ${target}`);
    expect(faults).toEqual([]);
  });

  it('keep each package where it belongs', () => {
    const faults = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ target, isTypeOnly }) => {
          if (target === 'knex') {
            return !file.path.startsWith('src/store/') && !isTypeOnly;
          }
          const home = PACKAGE_HOMES[target];
          return home !== undefined && !home.test(file.path);
        })
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(faults).toEqual([]);
  });
});

describe('style', () => {
  it('has no banned words', () => {
    const faults = sources.flatMap((file) =>
      BANNED.filter(({ except }) => !except.test(file.path)).flatMap(({ pattern, instead }) =>
        codeLines(file)
          .filter(({ line }) => pattern.test(line))
          .map(({ line, number }) => `${file.path}:${number} ${line.trim()} — use ${instead}`),
      ),
    );
    expect(faults).toEqual([]);
  });

  it('uses the words of the field, in code and in comments', () => {
    const texts = listFiles().filter((path) =>
      /^(docs|src)\/.*\.(md|js|css)$|^(openapi\.yaml|README\.md)$/.test(path),
    );
    const faults = [...sources, ...texts.map(readSource)].flatMap(({ path, lines }) =>
      lines
        .map((line, index) => `${path}:${index + 1} ${line.trim()}`)
        .filter((line) => INVENTED_WORDS.test(line)),
    );
    expect(faults).toEqual([]);
  });

  it('opens every module with what it is', () => {
    expect(sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path)).toEqual([]);
    const isApart = ({ text }: SourceFile) => /^(#!.*\n)?\/\*\*\n( \*.*\n)* \*\/\n\nimport /.test(text);
    expect([...sources, ...tests].filter(isApart).map(({ path }) => path)).toEqual([]);
  });

  it('keeps functions short: what is longer may only shrink', () => {
    const faults = sources.flatMap((file) =>
      functionsOf(file)
        .map(({ name, lines }) => ({ key: `${file.path} ${name}`, lines }))
        .filter(({ key, lines }) => lines > (LONGER[key] ?? FUNCTION_LINES))
        .map(({ key, lines }) => `${key} has ${lines} lines`),
    );
    expect(faults).toEqual([]);
  });

  it('keeps files and folders small', () => {
    const long = listFiles()
      .filter((path) => /^src\/.*\.(ts|js|css)$/.test(path))
      .map((path) => ({ path, length: readSource(path).lines.length }))
      .filter(({ length }) => length > FILE_LINES)
      .map(({ path, length }) => `${path} has ${length} lines`);
    const counts = new Map<string, number>();
    for (const path of listFiles().filter((file) => file.startsWith('src/'))) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    const crowded = [...counts]
      .filter(([, files]) => files > FOLDER_FILES)
      .map(([folder, files]) => `${folder} has ${files} files`);
    expect([...long, ...crowded]).toEqual([]);
  });

  it('leaves no file that nobody imports', () => {
    const entries = new Set(['src/cli/pgw.ts', 'src/client/index.ts']);
    const imported = new Set(
      [...sources, ...tests, ...sourcesBelow('scripts')].flatMap((file) =>
        importsOf(file).map(({ target }) => target),
      ),
    );
    expect(
      sources.map(({ path }) => path).filter((path) => !imported.has(path) && !entries.has(path)),
    ).toEqual([]);
  });

  it('focuses no test and skips none but by name of what it needs', () => {
    const faults = tests
      .filter(({ path }) => path !== 'test/tidy.test.ts')
      .flatMap((file) =>
        file.lines
          .filter((line) => /\b(it|test|describe)\.(only|todo|skip)\b/.test(line))
          .map((line) => `${file.path}: ${line.trim()}`),
      );
    expect(faults).toEqual([]);
  });
});

/** Operations that are served by the service of another operation, or by none. */
const SERVED_BY: Readonly<Record<string, string | undefined>> = {
  getHealth: undefined,
  getPaymentPageAsset: undefined,
  confirmOnPaymentPage: 'confirm-payment-intent',
  retrieveQrPng: 'retrieve-qr',
  retrieveQrSvg: 'retrieve-qr',
};
/** Operations whose tests stand elsewhere. */
const TESTED_IN: Readonly<Record<string, string>> = {
  retrieveQrPng: 'test/http/operations/retrieve-qr.test.ts',
  retrieveQrSvg: 'test/http/operations/retrieve-qr.test.ts',
  showPaymentPage: 'test/web/checkout/payment-page.test.ts',
  confirmOnPaymentPage: 'test/web/checkout/payment-page.test.ts',
  getPaymentPageAsset: 'test/web/checkout/payment-page.test.ts',
};

describe('operations', () => {
  const operationIds = [...readSource('openapi.yaml').text.matchAll(/^ {6}operationId: (\w+)$/gm)].map(
    ([, id = '']) => id,
  );

  it('each have a service of their name, and no service has another', () => {
    const wanted = operationIds.map((id) => (id in SERVED_BY ? SERVED_BY[id] : kebab(id)));
    const services = filesIn('src/services/operations')
      .map((path) => path.slice(path.lastIndexOf('/') + 1, -'.ts'.length))
      .sort();
    expect(services).toEqual([...new Set(wanted.filter((name) => name !== undefined))].sort());
  });

  it('each have a test of their name, and no test has another', () => {
    const wanted = operationIds.map((id) => TESTED_IN[id] ?? `test/http/operations/${kebab(id)}.test.ts`);
    expect(wanted.filter((path) => !listFiles().includes(path))).toEqual([]);
    const tested = filesIn('test/http/operations').map((path) => `test/http/operations/${path}`);
    expect(tested.filter((path) => !wanted.includes(path))).toEqual([]);
  });
});

describe('the project', () => {
  it('numbers its migrations without gaps', () => {
    const numbers = listFiles()
      .filter((path) => path.startsWith('migrations/'))
      .map((path) => Number(path.slice('migrations/'.length, 'migrations/'.length + 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('has only the top folders it should have', () => {
    const top = new Set(
      listFiles()
        .filter((path) => path.includes('/') && !path.startsWith('.'))
        .map((path) => path.split('/')[0]),
    );
    expect([...top].sort()).toEqual(['docs', 'generated', 'migrations', 'scripts', 'src', 'test']);
  });

  it('speaks of itself alone: no machine paths, no registry hosts', () => {
    const words = [
      ['/', 'work', '/main'].join(''),
      ['/', 'root', '/'].join(''),
      ['registry', '.npmjs'].join(''),
    ];
    const faults = listFiles()
      .filter((path) => !path.endsWith('.png'))
      .filter((path) => words.some((word) => readSource(path).text.includes(word)));
    expect(faults).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  return listFiles()
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
    .sort();
}

/** `createPaymentIntent` is `create-payment-intent`; PayPay is one word. */
function kebab(operationId: string): string {
  return operationId.replace('PayPay', 'Paypay').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function mayImport(from: string, to: string): boolean {
  return from === to || (MAY_IMPORT[from] ?? []).includes(to);
}

/** What running a file runs: its imports and theirs. */
function reachedFrom(entry: string): string[] {
  const reached = new Set([entry]);
  for (const path of reached) {
    const file = sources.find((source) => source.path === path);
    for (const { target, isTypeOnly } of file ? importsOf(file) : []) {
      if (!isTypeOnly) {
        reached.add(target);
      }
    }
  }
  return [...reached];
}

/** Lines that are code, not comment. */
function codeLines({ lines }: SourceFile): { line: string; number: number }[] {
  return lines
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => !/^\s*(\*|\/\/|\/\*)/.test(line));
}

function findCycle(graph: Map<string, string[]>): string | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string | undefined => {
    if (trail.includes(path)) {
      return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    }
    if (done.has(path)) {
      return undefined;
    }
    for (const target of graph.get(path) ?? []) {
      const cycle = visit(target, [...trail, path]);
      if (cycle) {
        return cycle;
      }
    }
    done.add(path);
    return undefined;
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle) {
      return cycle;
    }
  }
  return undefined;
}
