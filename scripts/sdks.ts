/**
 * The generators whose clients `npm run test:sdks` proves, one entry each: what it needs, how it generates, compiles and
 * runs. The programs are in test/sdks/<name>/; the steps run in a copy of that folder that holds openapi.yaml as well.
 */
import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sdk {
  /** Its folder in test/sdks/. */
  readonly name: string;
  readonly generator: string;
  readonly version: string;
  /** Commands that succeed where its toolchain is installed. */
  readonly needs: readonly Step[];
  readonly generate: readonly Step[];
  readonly compile: readonly Step[];
  readonly run: Step;
}

const OPENAPI_PYTHON_CLIENT = '0.29.1';
const OAPI_CODEGEN = 'v2.8.2';
const OGEN = 'v1.24.0';
const OPENAPI_GENERATOR = '7.23.0';
const PROGENITOR = '0.15.1';

const require = createRequire(import.meta.url);
const { version: openapiTypescript } = require('openapi-typescript/package.json') as { version: string };
const installed = (path: string) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

/** Those that take longest first, so that the parallel runs end together. */
export const sdks: readonly Sdk[] = [
  {
    name: 'rust',
    generator: 'progenitor',
    version: PROGENITOR,
    needs: [step('cargo', '--version')],
    // Its macro generates while it compiles.
    generate: [],
    compile: [step('cargo', 'build', '--quiet', '--locked')],
    run: step('target/debug/pay'),
  },
  {
    name: 'java',
    generator: 'openapi-generator java (okhttp-gson)',
    version: OPENAPI_GENERATOR,
    needs: [step('javac', '--version'), step('mvn', '--version')],
    generate: generateJava(),
    compile: [maven('compile', 'dependency:copy-dependencies', '-DoutputDirectory=lib')],
    run: step('java', '-cp', ['target/classes', 'lib/*'].join(delimiter), 'Pay'),
  },
  {
    name: 'ogen',
    generator: 'ogen',
    version: OGEN,
    needs: [step('go', 'version')],
    generate: [
      step(
        'go',
        'run',
        `github.com/ogen-go/ogen/cmd/ogen@${OGEN}`,
        ...['-config', 'generator.yaml', '-target', 'pgw', '-package', 'pgw', '-clean', 'openapi.yaml'],
      ),
    ],
    compile: [step('go', 'build', '-o', 'pay', '.')],
    run: step('./pay'),
  },
  {
    name: 'oapi-codegen',
    generator: 'oapi-codegen',
    version: OAPI_CODEGEN,
    needs: [step('go', 'version')],
    generate: [
      step('mkdir', '-p', 'pgw'),
      step(
        'go',
        'run',
        `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@${OAPI_CODEGEN}`,
        ...['-config', 'generator.yaml', 'openapi.yaml'],
      ),
    ],
    compile: [step('go', 'build', '-o', 'pay', '.')],
    run: step('./pay'),
  },
  {
    name: 'python',
    generator: 'openapi-python-client',
    version: OPENAPI_PYTHON_CLIENT,
    needs: [
      step('python3', '-c', 'import sys, venv; assert sys.version_info >= (3, 11), "needs Python 3.11"'),
    ],
    generate: [
      step('python3', '-m', 'venv', 'venv'),
      step('venv/bin/pip', 'install', '--quiet', '--requirement', 'requirements.txt'),
      step(
        'venv/bin/openapi-python-client',
        'generate',
        ...['--path', 'openapi.yaml', '--output-path', 'pgw', '--overwrite', '--meta', 'none'],
        ...['--config', 'generator.yaml'],
      ),
    ],
    compile: [step('venv/bin/python', '-m', 'compileall', '-q', 'pgw', 'pay.py')],
    run: step('venv/bin/python', 'pay.py'),
  },
  {
    name: 'typescript',
    generator: 'openapi-typescript + openapi-fetch',
    version: openapiTypescript,
    needs: [],
    generate: [
      // Without the option, what has a default must be given in requests.
      node(
        installed('openapi-typescript/bin/cli.js'),
        ...['openapi.yaml', '--default-non-nullable=false', '--output', 'openapi.d.ts'],
      ),
    ],
    compile: [
      node(
        installed('typescript/bin/tsc'),
        ...['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'],
        ...['--rewriteRelativeImportExtensions', '--outDir', 'out', 'pay.ts'],
      ),
    ],
    run: node('out/pay.js'),
  },
];

function step(command: string, ...args: string[]): Step {
  return { command, args };
}

function node(...args: string[]): Step {
  return step(process.execPath, ...args);
}

function maven(...args: string[]): Step {
  return step('mvn', '--quiet', '--batch-mode', ...args);
}

function generateJava(): Step[] {
  const artifact = `org.openapitools:openapi-generator-cli:${OPENAPI_GENERATOR}`;
  const properties = [
    'apiPackage=pgw.api',
    'modelPackage=pgw.model',
    'invokerPackage=pgw',
    'hideGenerationTimestamp=true',
    'openApiNullable=false',
    // Else the generated client refuses every answer that has a property more than it knew when it was generated.
    'disallowAdditionalPropertiesIfNotPresent=false',
  ];
  const parts = 'apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';
  return [
    maven('dependency:copy', `-Dartifact=${artifact}`, '-DoutputDirectory=generator'),
    step(
      'java',
      ...['-jar', `generator/openapi-generator-cli-${OPENAPI_GENERATOR}.jar`, 'generate'],
      ...['-g', 'java', '--library', 'okhttp-gson', '-i', 'openapi.yaml', '-o', '.'],
      ...['--global-property', parts, '-p', properties.join(',')],
    ),
  ];
}
