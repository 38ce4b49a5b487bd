/**
 * The languages of openapi-generator, a jar that Maven downloads.
 */
import { delimiter } from 'node:path';
import { checkTypes, maven, npmInstall, runTypeScript, type Sdk, type Step, step } from './sdk-steps.ts';

const VERSION = '7.23.0';
const PARTS = 'apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';

const GENERATOR_NEEDS = [step('java', '--version'), step('mvn', '--version')];
const COMPILE_BY_MAVEN = maven('compile', 'dependency:copy-dependencies', '-DoutputDirectory=lib');

export const openapiGeneratorSdks: readonly Sdk[] = [
  {
    name: 'kotlin',
    generator: 'openapi-generator kotlin',
    version: VERSION,
    hasTypes: true,
    needs: GENERATOR_NEEDS,
    generate: generate('kotlin', '.', { packageName: 'pgw' }),
    compile: [COMPILE_BY_MAVEN],
    run: runClass('PayKt'),
  },
  {
    name: 'java',
    generator: 'openapi-generator java (okhttp-gson)',
    version: VERSION,
    hasTypes: true,
    needs: [step('javac', '--version'), ...GENERATOR_NEEDS],
    generate: generate('java', '.', {
      apiPackage: 'pgw.api',
      modelPackage: 'pgw.model',
      invokerPackage: 'pgw',
      library: 'okhttp-gson',
      hideGenerationTimestamp: 'true',
      openApiNullable: 'false',
      // Otherwise the generated client rejects responses with properties that are added to the contract later.
      disallowAdditionalPropertiesIfNotPresent: 'false',
    }),
    compile: [COMPILE_BY_MAVEN],
    run: runClass('Pay'),
  },
  {
    name: 'openapi-generator-go',
    generator: 'openapi-generator go',
    version: VERSION,
    hasTypes: true,
    needs: [step('go', 'version'), ...GENERATOR_NEEDS],
    generate: [
      ...generate('go', 'pgw', { packageName: 'pgw', withGoMod: 'false' }),
      step('go', 'mod', 'tidy'),
    ],
    compile: [step('go', 'build', '-o', 'pay', '.')],
    run: step('./pay'),
  },
  {
    name: 'openapi-generator-python',
    generator: 'openapi-generator python',
    version: VERSION,
    hasTypes: true,
    needs: [step('python3', '-c', 'import venv'), ...GENERATOR_NEEDS],
    generate: [
      step('python3', '-m', 'venv', 'venv'),
      step('venv/bin/pip', 'install', '--quiet', '--requirement', 'requirements.txt'),
      ...generate('python', '.', { packageName: 'pgw' }),
    ],
    compile: [step('venv/bin/python', '-m', 'compileall', '-q', 'pgw', 'pay.py')],
    run: step('venv/bin/python', 'pay.py'),
  },
  {
    name: 'typescript-axios',
    generator: 'openapi-generator typescript-axios',
    version: VERSION,
    hasTypes: true,
    needs: GENERATOR_NEEDS,
    generate: [npmInstall(), ...generate('typescript-axios', 'pgw', {})],
    compile: [checkTypes()],
    run: runTypeScript(),
  },
];

function generate(language: string, folder: string, properties: Readonly<Record<string, string>>): Step[] {
  const artifact = `org.openapitools:openapi-generator-cli:${VERSION}`;
  const additional = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  return [
    maven('dependency:copy', `-Dartifact=${artifact}`, '-DoutputDirectory=generator'),
    step(
      'java',
      ...['-jar', `generator/openapi-generator-cli-${VERSION}.jar`, 'generate'],
      ...['-g', language, '-i', 'openapi.yaml', '-o', folder, '--global-property', PARTS],
      ...(additional.length === 0 ? [] : ['--additional-properties', additional.join(',')]),
    ),
  ];
}

function runClass(name: string): Step {
  return step('java', '-cp', ['target/classes', 'lib/*'].join(delimiter), name);
}
