import type { Route } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { houseRoutes } from './routes/house.ts';
import { jobRoutes } from './routes/jobs.ts';

/** Everything that is answered over HTTP, one entry each. What is not here is not part of the API. */
export const routes: Route[] = [...jobRoutes, ...catalogueRoutes, ...houseRoutes, ...adminRoutes];
