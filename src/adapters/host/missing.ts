/** What a file holds. null: there is none. Rejects for any other reason: what cannot be read must not look like that. */
export const unlessMissing = async <A>(reading: Promise<A>): Promise<A | null> => {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};
