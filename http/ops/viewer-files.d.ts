/** Owns the types of the viewer's files: imported as files, each is the path where it lies. */

declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export default path;
}
