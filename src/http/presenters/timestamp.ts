/** A moment as the contract writes it: UTC, seconds, no fraction. */
export function presentTimestamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
