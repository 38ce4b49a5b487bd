export default {
  pgw: {
    input: 'openapi.yaml',
    output: {
      target: 'pgw.ts',
      client: 'fetch',
      override: { mutator: { path: './send.ts', name: 'send' } },
    },
  },
};
