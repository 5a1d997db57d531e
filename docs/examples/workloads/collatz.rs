//! collatz: how many steps do numbers take to reach 1, halving the even and tripling the odd plus one?
use std::mem::size_of;
use std::os::raw::{c_char, c_int, c_uint, c_void};

/// As struct pb_workload in parbench/workload.h. What is not used here need not have its true type: a
/// function that is None is NULL there.
#[repr(C)]
pub struct Workload {
    abi: u32,
    size: u32,
    name: *const c_char,
    summary: *const c_char,
    bound: c_uint,
    params: *const c_void,
    statuses: *const *const c_char,
    counters: *const *const c_char,
    state_size: usize,
    lane_size: usize,
    stack_size: usize,
    must_succeed: bool,
    count: Option<extern "C" fn(*const c_void) -> u64>,
    bytes: Option<extern "C" fn(*const c_void) -> u64>,
    offered: Option<extern "C" fn(*const c_void) -> f64>,
    begin: Option<extern "C" fn(*mut c_void, *const c_void, *mut c_void) -> c_int>,
    end: Option<extern "C" fn(*mut c_void) -> u64>,
    setup: Option<extern "C" fn(*mut c_void, *const c_void, *mut c_void) -> c_int>,
    lane_setup: Option<extern "C" fn(*mut c_void, *mut c_void, *mut c_void) -> c_int>,
    run: Option<extern "C" fn(*mut c_void, u64, *mut u64) -> c_int>,
    lane_teardown: Option<extern "C" fn(*mut c_void, *mut c_void)>,
    teardown: Option<extern "C" fn(*mut c_void)>,
}

/// It is only read.
unsafe impl Sync for Workload {}

const ABI: u32 = 3;
const CPU: c_uint = 1;
const OK: c_int = 0;
const NUMBERS: u64 = 1000;

/// Task i follows the numbers from i * NUMBERS + 1 on; its answer is the sum of their steps.
extern "C" fn run(_task: *mut c_void, i: u64, digest: *mut u64) -> c_int {
    let mut steps = 0;
    for k in 0..NUMBERS {
        let mut n = i * NUMBERS + 1 + k;
        while n != 1 {
            n = if n % 2 == 1 { 3 * n + 1 } else { n / 2 };
            steps += 1;
        }
    }
    unsafe { *digest = steps };
    OK
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static pb_workload: Workload = Workload {
    abi: ABI,
    size: size_of::<Workload>() as u32,
    name: b"collatz\0".as_ptr() as *const c_char,
    summary: b"numbers of the 3n + 1 problem, followed to 1\0".as_ptr() as *const c_char,
    bound: CPU,
    params: std::ptr::null(),
    statuses: std::ptr::null(),
    counters: std::ptr::null(),
    state_size: 0,
    lane_size: 0,
    stack_size: 0,
    must_succeed: false,
    count: None,
    bytes: None,
    offered: None,
    begin: None,
    end: None,
    setup: None,
    lane_setup: None,
    run: Some(run),
    lane_teardown: None,
    teardown: None,
};
