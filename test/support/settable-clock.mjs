// Preloaded into a process (`--import`): its wall clock can be set by a message from its parent, and timers and
// performance.now() go on as they do on a machine whose clock is set.
const Real = Date;
let offsetMs = Number(process.env.TEST_CLOCK_OFFSET_MS ?? 0);

globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length === 0) {
      super(Real.now() + offsetMs);
    } else {
      super(...parts);
    }
  }

  static now() {
    return Real.now() + offsetMs;
  }
};

process.on('message', (message) => {
  if (typeof message?.clockOffsetMs === 'number') {
    offsetMs = message.clockOffsetMs;
    process.send({ clockOffsetMs: offsetMs });
  }
});
// The channel must not keep the process alive.
process.channel?.unref();
