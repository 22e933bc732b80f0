/** The hint where shards cannot be used. */
export const remake = 'Make the shards again: `npx ers run shards --force`.';
