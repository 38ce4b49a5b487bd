/**
 * Finds the type that a client generator makes of the schema Event, which is what a receiver of webhooks reads.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = /\.(?:ts|py|go|java|kt|rs)$/;
const NOT_GENERATED = /^(?:node_modules|venv|target)\b/;

/** How the languages declare the type, and how a receiver names it. */
const DECLARATIONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:export |public |data )*(?:interface|type|class) Event\b/m, 'Event'],
  // openapi-typescript has one interface with a property for each schema.
  [/^ {8}Event: \{/m, "components['schemas']['Event']"],
  // progenitor leaves no file: its macro declares the type, and the test program imports it.
  [/^use pgw::types::Event;/m, 'pgw::types::Event'],
];

/** The name of the type, and the file that has it; undefined if there is none. */
export function findEventType(folder: string): string | undefined {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => SOURCE.test(name) && !NOT_GENERATED.test(name))) {
    const text = readFileSync(join(folder, file), 'utf8');
    const found = DECLARATIONS.find(([declaration]) => declaration.test(text));
    if (found) {
      return `${found[1]} in ${file}`;
    }
  }
  return undefined;
}
