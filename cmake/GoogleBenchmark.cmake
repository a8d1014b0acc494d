# Google Benchmark as benchmark::benchmark_main.
find_package(benchmark CONFIG REQUIRED)
