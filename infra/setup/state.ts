/** For `npm run doctor`: what set-up has made so far, as JSON; undefined where it is missing. */
import { openSlideLibrary } from './openslide-library.ts';
import { trainerPython } from './trainer-environment.ts';
import { webIsBuilt } from './web-build.ts';

const trainer = await trainerPython('run').catch(() => undefined);
const web = (await webIsBuilt()) ? 'built' : undefined;
const openslide = await openSlideLibrary('run');
console.log(JSON.stringify({ trainer, openslide, web }));
