import { z } from 'zod';

/**
 * What the folder for what must outlive a restart turned out to be at boot. `disk`: Redis lives there. `bucket`: a volume
 * over the network, on which Redis' append-only file is not safe, so finished snapshots are copied there. `ephemeral`:
 * what lies there is gone with the container.
 */
export const dataKindSchema = z.enum(['disk', 'bucket', 'ephemeral']);
export type DataKind = z.infer<typeof dataKindSchema>;

/** A note in the run directory: the launcher writes it, Redis' process adds its snapshots, the gateway tells of it. */
export const dataFolderSchema = z.object({
  kind: dataKindSchema,
  /** The folder that is used; never shown to callers. */
  dir: z.string(),
  /** The folder that was asked for. */
  wanted: z.string(),
  /** How the kind was told, as what follows "the data folder …"; names no folder. */
  reason: z.string(),
  /** Of a bucket: when the last snapshot was copied, and why the last copy failed. */
  snapshot: z.object({ at: z.iso.datetime().nullable(), fault: z.string().nullable() }).optional(),
});
export type DataFolder = z.infer<typeof dataFolderSchema>;
