# For the Astro CLI: `astro dev start`. The runtime installs packages.txt and requirements.txt, and copies this folder
# except for what .dockerignore names. Any runtime 3.3 will do; on another Airflow, see docs/installing.md.
FROM astrocrpublic.azurecr.io/runtime:3.3-7
