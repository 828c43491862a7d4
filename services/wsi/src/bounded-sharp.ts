import sharp from 'sharp';

// One libvips thread an image: callers keep several images in flight, and more threads would only compete.
sharp.concurrency(1);
// The cache holds opened files and decoded pictures between calls; every tile is read once.
sharp.cache(false);

export { sharp };
