/** A moment as the contract writes it: UTC, seconds, no fraction. */
export function presentTimestamp(moment: Date): string {
  return `${moment.toISOString().slice(0, -'.000Z'.length)}Z`;
}
