#include "config.h"

#define SERVER(member) offsetof(struct config, server.member)
#define SERVICE(member) offsetof(struct config, service.member)
#define SHARED(member) offsetof(struct config, member)
#define JOBS(member) offsetof(struct config, jobs.member)
#define COLLECTION(member) offsetof(struct config_collection, member)

enum { DAY = 24 * 3600, MANY = 1000 * 1000 };
#define GIB (INT64_C(1) << 30)

#define ACKNOWLEDGEMENT                                                                  \
    "Guoshoujing Telescope (the Large Sky Area Multi-Object Fiber Spectroscopic "        \
    "Telescope LAMOST) is a National Major Scientific Project built by the Chinese "     \
    "Academy of Sciences. Funding for the project has been provided by the National "    \
    "Development and Reform Commission. LAMOST is operated and managed by the National " \
    "Astronomical Observatories, Chinese Academy of Sciences."

const char *const config_type_names[] = {
    [CONFIG_TEXT] = "text",           [CONFIG_ADDRESS] = "address",
    [CONFIG_AUTHORITY] = "authority", [CONFIG_URL] = "URL",
    [CONFIG_FOLDER] = "folder",       [CONFIG_INTEGER] = "number",
    [CONFIG_SECONDS] = "seconds",     [CONFIG_BYTES] = "bytes",
    [CONFIG_BOOLEAN] = "yes or no",
};

/* A setting is two or three lines: */
/* clang-format off */
const struct config_setting config_settings[] = {
    {"server", "listen", CONFIG_ADDRESS, "127.0.0.1:8080", 0, 0, SERVER(listen),
     "address and port to serve on: *:8080 is every address, [::1]:8080 one of IPv6"},
    {"server", "base_url", CONFIG_URL, "", 0, 0, SERVICE(base_url),
     "what comes before /COLLECTION in the URLs that documents carry; set it where a proxy "
     "stands in front. Without it, http:// and the address of listen"},
    {"server", "threads", CONFIG_INTEGER, "0", 0, 1024, SERVER(threads),
     "threads that serve; 0: as many as processors"},
    {"server", "disk_threads", CONFIG_INTEGER, "16", 0, 1024, SHARED(disk_threads),
     "threads that read from the disk what is asked for and not in memory, while others are "
     "served; 0: those that serve wait for the disk"},
    {"server", "max_connections", CONFIG_INTEGER, "4096", 1, MANY, SERVER(max_connections),
     "connections held open at once, in all; for one more the one that is idle for longest is "
     "closed, or where none is, it is answered 503 with Retry-After"},
    {"server", "max_connections_per_address", CONFIG_INTEGER, "0", 0, MANY, SERVER(max_connections_per_address),
     "the same for one client's address; 0: no limit, as behind a proxy all clients have its "
     "address"},
    {"server", "max_uri", CONFIG_BYTES, "8k", 256, GIB, SERVER(max_uri),
     "longest request target; a longer one is answered 414"},
    {"server", "max_headers", CONFIG_BYTES, "16k", 1024, GIB, SERVER(max_headers),
     "all header lines of a request together; more is answered 431"},
    {"server", "max_body", CONFIG_BYTES, "16M", 1024, 1024 * GIB, SERVER(max_body),
     "longest body of a request; a longer one is answered 413 at once"},
    {"server", "max_upload", CONFIG_BYTES, "1G", 1024, 1024 * GIB, SERVER(max_upload),
     "longest body with uploaded files, such as lists of IDs; a longer one is answered 413 at once"},
    {"server", "head_timeout", CONFIG_SECONDS, "10", 1, DAY, SERVER(head_seconds),
     "time for a client to send the head of a request; over: 408"},
    {"server", "body_timeout", CONFIG_SECONDS, "60", 1, DAY, SERVER(body_seconds),
     "time for a client to send the body of a request; over: 408"},
    {"server", "answer_timeout", CONFIG_SECONDS, "10m", 1, DAY, SERVER(answer_seconds),
     "time for a client to take a whole answer; over: the connection is closed"},
    {"server", "idle_timeout", CONFIG_SECONDS, "60", 1, DAY, SERVER(idle_seconds),
     "time that a connection is kept open between requests"},
    {"server", "drain_timeout", CONFIG_SECONDS, "10", 0, DAY, SERVER(drain_seconds),
     "time that answers under way are given after SIGTERM"},
    {"server", "access_log", CONFIG_TEXT, "", 0, 0, SERVER(access_log),
     "file for a line about each request, - is standard output; without it there is none. "
     "SIGHUP opens it anew"},
    {"server", "max_ids", CONFIG_INTEGER, "100", 1, MANY, SERVICE(max_ids),
     "distinct IDs that one links request answers; pyVO asks again for the rest"},
    {"server", "max_bulk_ids", CONFIG_INTEGER, "1000000", 1, 100 * MANY, SERVICE(max_bulk_ids),
     "IDs that one request for a table of cut-outs may have; more is answered 413"},

    {"jobs", "folder", CONFIG_FOLDER, "", 0, 0, JOBS(folder),
     "folder of the jobs of async and of their results, for one server alone; without it jobs "
     "in the cache of the first collection"},
    {"jobs", "threads", CONFIG_INTEGER, "2", 1, 256, JOBS(threads),
     "jobs that run at the same time"},
    {"jobs", "max_jobs", CONFIG_INTEGER, "1000", 1, MANY, JOBS(max_jobs),
     "jobs kept at once, over or not; one more is answered 503"},
    {"jobs", "max_results", CONFIG_INTEGER, "1000", 1, MANY, SERVICE(max_async_results),
     "results of one job: combinations of the values that it was given"},
    {"jobs", "max_job_size", CONFIG_BYTES, "1G", 1024, 1024 * GIB, JOBS(max_job_bytes),
     "size of the results of one job together"},
    {"jobs", "max_size", CONFIG_BYTES, "10G", 1024, 1024 * GIB, JOBS(max_bytes),
     "size of the results of all jobs together"},
    {"jobs", "run_time", CONFIG_SECONDS, "1h", 1, 30 * DAY, JOBS(duration_seconds),
     "longest that a job may run; then it is aborted, and its results so far are kept"},
    {"jobs", "keep_time", CONFIG_SECONDS, "48h", 1, 365 * DAY, JOBS(destruction_seconds),
     "longest that a job and its results are kept"},
    {"jobs", "listed", CONFIG_BOOLEAN, "yes", 0, 0, SERVICE(names_jobs),
     "the list of jobs names a client those made from its address; say no where a proxy gives "
     "all clients one address, or each sees everybody's"},

    {"publisher", "authority", CONFIG_AUTHORITY, "localhost", 0, 0, SERVICE(authority),
     "IVOA authority of the publisher DIDs, ivo://AUTHORITY/~?COLLECTION/PATH; another one "
     "makes other IDs"},
    {"publisher", "name", CONFIG_TEXT, "cutoutd", 0, 0, SERVICE(publisher),
     "name of the data centre"},
    {"publisher", "identifier", CONFIG_TEXT, "", 0, 0, SERVICE(publisher_did_root),
     "its IVOID; without it ivo://AUTHORITY"},
    {"publisher", "contact_name", CONFIG_TEXT, "", 0, 0, SERVICE(contact_name),
     "whom users may ask"},
    {"publisher", "contact_email", CONFIG_TEXT, "", 0, 0, SERVICE(contact_email),
     "where users may ask"},

    {"collection", "archive", CONFIG_FOLDER, NULL, 0, 0, COLLECTION(archive_folder),
     "folder of the FITS files as the survey ships them; it is only read"},
    {"collection", "cache", CONFIG_FOLDER, "", 0, 0, COLLECTION(cache_folder),
     "folder of the cache and its catalogue, on a local disk, about as large as the gzipped "
     "FITS; without it /var/cache/cutoutd/NAME"},
    {"collection", "keep_in_step", CONFIG_BOOLEAN, "yes", 0, 0, COLLECTION(keep_in_step),
     "serve runs ingest by itself, as a process of its own with low priority"},
    {"collection", "check_interval", CONFIG_SECONDS, "10m", 0, 30 * DAY, COLLECTION(check_seconds),
     "time from one such ingest's end to the next; 0: only at the start and on SIGHUP"},
    {"collection", "ingest_workers", CONFIG_INTEGER, "0", 0, 1024, COLLECTION(ingest_workers),
     "processes that read FITS files for ingest; 0: as many as processors"},
    {"collection", "read_through_workers", CONFIG_INTEGER, "2", 0, 256, COLLECTION(read_through_workers),
     "processes that read files which are asked for and not in the cache yet; 0: such files "
     "are not found"},
    {"collection", "unknown_memory", CONFIG_SECONDS, "30", 1, DAY, COLLECTION(unknown_seconds),
     "how long an unknown ID is remembered, so that the archive is not searched again for it"},
    {"collection", "shard_size", CONFIG_BYTES, "256M", 1 << 20, 64 * GIB, COLLECTION(shard_bytes),
     "size at which ingest seals a file of the cache, and its spectra appear"},
    {"collection", "allow_network_folder", CONFIG_BOOLEAN, "no", 0, 0, COLLECTION(allow_network_folder),
     "accept a cache on NFS and the like, where a lost network hangs or kills the server"},
    {"collection", "title", CONFIG_TEXT, "", 0, 0, COLLECTION(settings.title),
     "title of the collection, for people; without it NAME"},
    {"collection", "description", CONFIG_TEXT, "Spectra of the LAMOST survey", 0, 0, COLLECTION(settings.description),
     "a sentence or two on the collection, for people"},
    {"collection", "creator", CONFIG_TEXT, "LAMOST", 0, 0, COLLECTION(settings.creator),
     "who made the data, as registries are told"},
    {"collection", "reference", CONFIG_TEXT, "", 0, 0, COLLECTION(settings.reference),
     "bibcode or URL of the data release"},
    {"collection", "rights", CONFIG_TEXT, "public", 0, 0, COLLECTION(settings.rights),
     "who may use the data: public, secure or proprietary"},
    {"collection", "acknowledgement", CONFIG_TEXT, ACKNOWLEDGEMENT, 0, 0, COLLECTION(settings.acknowledgement),
     "what papers that use the data are asked to say"},
    {"collection", "documentation_url", CONFIG_URL, "", 0, 0, COLLECTION(settings.documentation_url),
     "page of the data release"},
    {"collection", "coverage_order", CONFIG_INTEGER, "10", 0, 10, COLLECTION(settings.coverage_order),
     "HEALPix order of the coverage map: 10 is 3.4 arcmin, 5 is 1.8 degrees"},
};
/* clang-format on */

const size_t config_setting_count = sizeof(config_settings) / sizeof(config_settings[0]);
