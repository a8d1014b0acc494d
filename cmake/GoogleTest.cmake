# GoogleTest as GTest::gmock_main, and gtest_discover_tests().
find_package(GTest CONFIG REQUIRED)
include(GoogleTest)
