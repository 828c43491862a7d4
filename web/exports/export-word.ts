import type { ExportMessage } from '@stroma/core/http/export';

export const layoutWord: Record<ExportMessage['layout'], string> = {
  parquet: 'Parquet',
  clam: 'CLAM (HDF5)',
};

export const layoutMeaning: Record<ExportMessage['layout'], string> = {
  parquet: 'one Parquet a slide: crop places and float16 embeddings',
  clam: 'patches/ and h5_files/ a slide and dataset.csv, as CLAM reads them',
};
